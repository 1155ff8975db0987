package io.stria.nvmf;

import io.stria.runtime.BlockFile;
import io.stria.runtime.BlockFileContract;
import io.stria.runtime.EngineWorld;
import io.stria.runtime.ffm.spdk.SpdkEnvironment;
import io.stria.runtime.kernel.KernelWorld;
import io.stria.runtime.nio.NioConfig;
import io.stria.runtime.nio.NioEngine;
import io.stria.runtime.spdk.SpdkAddress;
import io.stria.runtime.spdk.SpdkConfig;
import io.stria.runtime.spdk.SpdkEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;

/**
 * What every device promises, of a namespace through SPDK. Runs in a process that has SPDK: {@link
 * SpdkTest} starts it.
 */
final class SpdkCases {
    private static final int ENVIRONMENT_MIB = 128;

    /** Once per process, without huge pages and without PCI. */
    static void startEnvironment() throws IOException {
        SpdkEnvironment.start(new SpdkEnvironment.Options(false, ENVIRONMENT_MIB, List.of()));
    }

    /** The contract, over loopback. */
    abstract static class Contract extends BlockFileContract {
        private final SpdkConfig config;
        private final int lbaBytes;
        private LoopbackTarget target;

        Contract(SpdkConfig config, int lbaBytes) {
            this.config = config;
            this.lbaBytes = lbaBytes;
        }

        @Override
        protected EngineWorld newWorld() throws IOException {
            startEnvironment();
            return new KernelWorld(
                    Path.of(""),
                    memory -> new SpdkEngine(new NioEngine(NioConfig.DEFAULT, memory), config));
        }

        @Override
        protected BlockFile open() throws IOException {
            if (target == null) {
                target = new LoopbackTarget(FILE_BYTES / BLOCK_BYTES, lbaBytes);
            }
            return ((SpdkEngine) engine).open(SpdkAddress.parse(target.spdkAddress()), BLOCK_BYTES);
        }

        @AfterEach
        void closeTarget() {
            if (target != null) {
                target.close();
            }
        }
    }

    @Nested
    class Directly extends Contract {
        Directly() {
            super(SpdkConfig.DEFAULT, 4096);
        }
    }

    @Nested
    class InSmallLogicalBlocks extends Contract {
        InSmallLogicalBlocks() {
            super(SpdkConfig.DEFAULT, 512);
        }
    }

    @Nested
    class ThroughBuffersOfSpdk extends Contract {
        ThroughBuffersOfSpdk() {
            super(Configs.BOUNCING, 4096);
        }
    }

    @Nested
    class WithATinyQueue extends Contract {
        WithATinyQueue() {
            super(Configs.TINY, 4096);
        }
    }

    /** Configurations that are only of use in tests. */
    static final class Configs {
        static final SpdkConfig BOUNCING = with(128, 1024, 7_000_000_000L, 10_000_000_000L, true);
        static final SpdkConfig TINY = with(4, 16, 7_000_000_000L, 10_000_000_000L, false);
        static final SpdkConfig HASTY = with(128, 1024, 2_000_000_000L, 6_000_000_000L, false);

        private Configs() {}

        private static SpdkConfig with(
                int entries, int requests, long ioNs, long resetNs, boolean bounces) {
            return new SpdkConfig(entries, requests, ioNs, resetNs, 10_000, 10_000, bounces);
        }
    }
}
