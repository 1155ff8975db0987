package io.stria.runtime;

import io.stria.runtime.ffm.Linux;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;

/**
 * A device in this process's memory: as fast as a copy, and gone with the process. "Durable" means
 * nothing here. What is asked for is done and told by the next {@link #poll} or the engine's next
 * one, whichever comes first: some accesses at a time, so that their first bytes, which are in no
 * cache, come from memory side by side, as they would with a device that works by itself. Owned by
 * the reactor of its engine.
 */
public final class MemoryFile implements BlockFile {
    private static final int EBADF = 9;

    /** Accesses whose first bytes are fetched side by side before the first of them is copied. */
    private static final int GROUP = 16;

    private final Engine engine;
    private final Memory memory;
    private final MemorySegment content;
    private final int blockBytes;
    private final ArrayDeque<Access> idle = new ArrayDeque<>();
    private final ArrayDeque<Access> asked = new ArrayDeque<>();
    private final Access[] group = new Access[GROUP];
    private final Runnable poll = this::pollByEngine;
    private boolean pollsSoon;
    private int inGroup;

    /** Of no use, but that nobody may leave the loads out. */
    private long touched;

    private boolean closed;
    private boolean freed;

    /**
     * Reads as zeros, and takes room only where it was written.
     *
     * @param sizeBytes a multiple of {@code blockBytes}
     */
    public MemoryFile(Engine engine, Memory memory, String tag, long sizeBytes, int blockBytes) {
        if (sizeBytes <= 0 || sizeBytes % blockBytes != 0) {
            throw new IllegalArgumentException(
                    "%s: %d bytes in blocks of %d".formatted(tag, sizeBytes, blockBytes));
        }
        this.engine = engine;
        this.memory = memory;
        this.content = memory.allocate(tag, sizeBytes);
        Linux.preferLargePages(content);
        this.blockBytes = blockBytes;
    }

    @Override
    public long sizeBytes() {
        return content.byteSize();
    }

    @Override
    public int blockBytes() {
        return blockBytes;
    }

    @Override
    public void read(
            long offset,
            MemorySegment target,
            long targetOffset,
            int length,
            Completion completion,
            long token) {
        BlockAccess.checkRange(this, offset, length);
        BlockAccess.checkMemory(this, target, targetOffset, length);
        Access access = begin(Kind.READ, offset, length, completion, token);
        access.memory = target;
        access.memoryOffset = targetOffset;
    }

    @Override
    public void write(
            long offset,
            MemorySegment source,
            long sourceOffset,
            int length,
            boolean durable,
            Completion completion,
            long token) {
        BlockAccess.checkRange(this, offset, length);
        BlockAccess.checkMemory(this, source, sourceOffset, length);
        Access access = begin(Kind.WRITE, offset, length, completion, token);
        access.memory = source;
        access.memoryOffset = sourceOffset;
    }

    @Override
    public void flush(Completion completion, long token) {
        begin(Kind.FLUSH, 0, 0, completion, token);
    }

    /** It reads as zeros afterwards. */
    @Override
    public void discard(long offset, long length, Completion completion, long token) {
        BlockAccess.checkRange(this, offset, length);
        begin(Kind.DISCARD, offset, length, completion, token);
    }

    @Override
    public void close() {
        closed = true;
        freeIfDone();
    }

    private Access begin(Kind kind, long offset, long length, Completion completion, long token) {
        Access ended = idle.pollLast();
        Access access = ended != null ? ended : new Access();
        access.kind = closed ? Kind.REFUSED : kind;
        access.offset = offset;
        access.length = length;
        access.completion = completion;
        access.token = token;
        asked.addLast(access);
        if (!pollsSoon) {
            pollsSoon = true;
            engine.deliverLater(poll);
        }
        return access;
    }

    private void pollByEngine() {
        pollsSoon = false;
        poll();
    }

    /** Does what was asked for before, in its order, and not what the completions ask for. */
    @Override
    public int poll() {
        assert inGroup == 0 : "polled by what it has called";
        int count = asked.size();
        for (int left = count; left > 0; left -= GROUP) {
            int taken = Math.min(left, GROUP);
            for (int i = 0; i < taken; i++) {
                Access access = asked.removeFirst();
                group[i] = access;
                if (access.kind != Kind.REFUSED) { // then there may be no memory any more
                    touched += content.get(ValueLayout.JAVA_BYTE, access.offset);
                }
            }
            inGroup = taken;
            for (int i = 0; i < taken; i++) {
                tell(group[i]);
            }
        }
        return count;
    }

    private void tell(Access access) {
        int result = access.doIt(content);
        Completion completion = access.completion;
        long token = access.token;
        access.memory = MemorySegment.NULL;
        idle.addLast(access);
        inGroup--;
        freeIfDone();
        completion.complete(token, result);
    }

    private void freeIfDone() {
        if (closed && asked.isEmpty() && inGroup == 0 && !freed) {
            freed = true;
            memory.free(content);
        }
    }

    private enum Kind {
        READ,
        WRITE,
        FLUSH,
        DISCARD,
        REFUSED
    }

    /** Something to be done. Pooled. */
    private static final class Access {
        private Kind kind = Kind.REFUSED;
        private long offset;
        private long length;
        private MemorySegment memory = MemorySegment.NULL;
        private long memoryOffset;
        private Completion completion = (token, result) -> {};
        private long token;

        /** Returns what the completion is told. */
        int doIt(MemorySegment content) {
            switch (kind) {
                case READ -> MemorySegment.copy(content, offset, memory, memoryOffset, length);
                case WRITE -> MemorySegment.copy(memory, memoryOffset, content, offset, length);
                case DISCARD -> Linux.clear(content.asSlice(offset, length));
                case FLUSH -> {}
                case REFUSED -> {
                    return -EBADF;
                }
            }
            return kind == Kind.DISCARD ? 0 : (int) length;
        }
    }
}
