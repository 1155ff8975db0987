package io.stria.nvmf;

import io.stria.runtime.WaitingLine;
import java.lang.foreign.MemorySegment;

/** Somebody who may wait for a buffer of a share. */
abstract class BufferWaiter extends WaitingLine.Waiter {
    /** Takes the buffer, not in line any more; false if it is not wanted. */
    abstract boolean onBuffer(BufferShare from, MemorySegment buffer);
}
