package io.stria.systemtests.host;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A test (or all tests of a class) with tag {@code host}: where no {@link KernelHost} can run, it
 * is reported as skipped, with the reason.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Tag("host")
@ExtendWith(NeedsKernelHost.Condition.class)
public @interface NeedsKernelHost {

    /** Asks the machine, once a JVM. */
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            Optional<String> whyNot = KernelHost.whyNot();
            return whyNot.map(ConditionEvaluationResult::disabled)
                    .orElseGet(
                            () -> ConditionEvaluationResult.enabled("a kernel host can run here"));
        }
    }
}
