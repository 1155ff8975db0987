package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that does not give back all of the memory that it took from here, and says by tag
 * what is missing: {@code @RegisterExtension final MemoryLeakCheck leaks = new MemoryLeakCheck()}.
 */
public final class MemoryLeakCheck implements AfterEachCallback {
    private final Memory memory = new Memory();

    public Memory memory() {
        return memory;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        check();
    }

    /** What {@link #afterEach} does, for tests without JUnit's extensions. */
    public void check() {
        assertEquals(Map.of(), memory.outstandingBytes(), "memory that was not given back");
    }
}
