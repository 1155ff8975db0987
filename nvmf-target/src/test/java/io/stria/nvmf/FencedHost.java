package io.stria.nvmf;

import io.stria.runtime.BlockFile;
import io.stria.runtime.Memory;
import io.stria.runtime.ffm.spdk.SpdkEnvironment;
import io.stria.runtime.nio.NioConfig;
import io.stria.runtime.nio.NioEngine;
import io.stria.runtime.spdk.SpdkAddress;
import io.stria.runtime.spdk.SpdkConfig;
import io.stria.runtime.spdk.SpdkEngine;
import io.stria.runtime.spdk.SpdkOwner;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/**
 * Main class of a process that opens a device through SPDK as a node does: {@code FencedHost
 * ADDRESS NODE}. Says {@code STRIA open}, or {@code STRIA refused} with the sentence; then takes
 * {@code write BLOCK SEED}, which it answers with {@code STRIA wrote} and the result, and {@code
 * close}.
 */
final class FencedHost {
    static final String MARK = "STRIA ";
    private static final int MIB = 64;
    private static final int BLOCK_BYTES = 4096;

    private FencedHost() {}

    static void main(String[] arguments) throws IOException {
        SpdkEnvironment.start(new SpdkEnvironment.Options(false, MIB, List.of()));
        SpdkEngine engine =
                new SpdkEngine(new NioEngine(NioConfig.DEFAULT, new Memory()), SpdkConfig.DEFAULT);
        SpdkOwner owner = new SpdkOwner(UUID.fromString(arguments[1]), new UUID(1, 1));
        try {
            serve(engine, engine.openOwned(SpdkAddress.parse(arguments[0]), BLOCK_BYTES, owner));
        } catch (IOException e) {
            say("refused " + e.getMessage());
        }
        engine.close();
        say("closed");
        Runtime.getRuntime().halt(0); // SPDK's threads are no reason to stay
    }

    private static void serve(SpdkEngine engine, BlockFile file) throws IOException {
        say("open");
        BufferedReader orders =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        while (true) {
            if (!orders.ready()) {
                turn(engine);
                continue;
            }
            String[] words = orders.readLine().split(" ");
            if (words[0].equals("close")) {
                return;
            }
            say("wrote " + write(engine, file, words));
        }
    }

    private static int write(SpdkEngine engine, BlockFile file, String[] words) {
        MemorySegment memory = Memory.untilCollected(BLOCK_BYTES);
        memory.copyFrom(
                MemorySegment.ofArray(World.pattern(Integer.parseInt(words[2]), BLOCK_BYTES)));
        int[] result = {0};
        long offset = Long.parseLong(words[1]) * BLOCK_BYTES;
        file.write(offset, memory, 0, BLOCK_BYTES, true, (token, end) -> result[0] = end, 0);
        while (result[0] == 0) {
            turn(engine);
        }
        return result[0];
    }

    private static void turn(SpdkEngine engine) {
        if (engine.poll() == 0) {
            engine.await(1_000_000);
        }
    }

    private static void say(String words) {
        System.out.println("\n" + MARK + words);
    }
}
