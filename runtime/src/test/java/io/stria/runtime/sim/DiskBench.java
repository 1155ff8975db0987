package io.stria.runtime.sim;

import io.stria.runtime.BlockFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** One disk in one host, and blocking-style helpers that fill blocks with one repeated byte. */
final class DiskBench {
    static final Path PATH = Path.of("disk");
    static final int SIZE = 1 << 20;

    final Simulation simulation;
    final SimulatedHost host;
    final SimulatedDisk disk;
    SimulatedEngine engine;
    BlockFile file;

    DiskBench(long seed, DiskConfig config) {
        simulation = new Simulation(seed);
        simulation.traceLast(50);
        host = new SimulatedHost(simulation, "host");
        disk = host.addDisk(PATH, config);
        engine = host.start();
        file = open();
    }

    BlockFile open() {
        try {
            int block = disk.config().blockBytes();
            return engine.openFile(PATH, new BlockFile.Options(0, block, true));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The host's process starts again, after whatever ended the last one. */
    void restart() {
        engine = host.start();
        file = open();
    }

    static MemorySegment filled(int length, int value) {
        return Arena.ofAuto().allocate(length, 4096).fill((byte) value);
    }

    /** A write that nobody waits for; the pending result says when it completed. */
    Pending submitWrite(long offset, int length, int value, boolean durable) {
        Pending pending = new Pending();
        file.write(offset, filled(length, value), 0, length, durable, pending, 0);
        return pending;
    }

    int write(long offset, int length, int value, boolean durable) {
        return await(submitWrite(offset, length, value, durable));
    }

    int flush() {
        Pending pending = new Pending();
        file.flush(pending, 0);
        return await(pending);
    }

    int discard(long offset, long length) {
        Pending pending = new Pending();
        file.discard(offset, length, pending, 0);
        return await(pending);
    }

    /** The value that fills the device block at this offset; -1 if it is not filled with one. */
    int read(long offset) {
        int length = disk.config().blockBytes();
        MemorySegment memory = filled(length, 0x77);
        Pending pending = new Pending();
        file.read(offset, memory, 0, length, pending, 0);
        int result = await(pending);
        return result < 0 ? result : uniform(memory, length);
    }

    private static int uniform(MemorySegment memory, int length) {
        byte first = memory.get(ValueLayout.JAVA_BYTE, 0);
        for (int i = 1; i < length; i++) {
            if (memory.get(ValueLayout.JAVA_BYTE, i) != first) {
                return -1;
            }
        }
        return first;
    }

    int await(Pending pending) {
        engine.runUntil(pending::isDone);
        return pending.result;
    }

    static final class Pending implements BlockFile.Completion {
        int completions;
        int result;

        boolean isDone() {
            return completions > 0;
        }

        @Override
        public void complete(long token, int newResult) {
            completions++;
            result = newResult;
        }
    }
}
