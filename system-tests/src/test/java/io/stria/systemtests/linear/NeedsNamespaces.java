package io.stria.systemtests.linear;

import io.stria.systemtests.host.HostRequirements;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Where nodes cannot have networks of their own, the test is reported as skipped, and why. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Tag("host")
@ExtendWith(NeedsNamespaces.Condition.class)
@interface NeedsNamespaces {

    /** Asks the machine. */
    final class Condition implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return HostRequirements.whyNoNamespaces()
                    .map(ConditionEvaluationResult::disabled)
                    .orElseGet(
                            () -> ConditionEvaluationResult.enabled("namespaces can be had here"));
        }
    }
}
