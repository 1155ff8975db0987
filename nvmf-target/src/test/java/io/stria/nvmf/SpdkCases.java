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

    /**
     * Of a namespace of exactly as many bytes as the contract wants, and empty where it is ours.
     */
    static final String ADDRESS = System.getProperty("stria.spdk.address", "");

    /** Once per process. */
    static void startEnvironment() throws IOException {
        boolean hugePages = Boolean.getBoolean("stria.spdk.hugepages");
        List<String> pci = List.of();
        if (!ADDRESS.isEmpty()) {
            SpdkAddress address = SpdkAddress.parse(ADDRESS);
            if (address.transport() == SpdkAddress.Transport.PCIE) {
                pci = List.of(address.address());
            }
        }
        SpdkEnvironment.start(new SpdkEnvironment.Options(hugePages, ENVIRONMENT_MIB, pci));
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
            if (!ADDRESS.isEmpty()) {
                return cleared(((SpdkEngine) engine).open(SpdkAddress.parse(ADDRESS), BLOCK_BYTES));
            }
            if (target == null) {
                target = new LoopbackTarget(FILE_BYTES / BLOCK_BYTES, lbaBytes);
            }
            return ((SpdkEngine) engine).open(SpdkAddress.parse(target.spdkAddress()), BLOCK_BYTES);
        }

        /** What a test before has left would be taken for the device's own. */
        private BlockFile cleared(BlockFile file) {
            byte[] zeros = new byte[1 << 20];
            for (long offset = 0; offset < file.sizeBytes(); offset += zeros.length) {
                write(file, offset, zeros, false);
            }
            results.clear();
            return file;
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
        static final SpdkConfig HASTY = with(128, 1024, 5_000_000_000L, 8_000_000_000L, false);

        private Configs() {}

        private static SpdkConfig with(
                int entries, int requests, long ioNs, long resetNs, boolean bounces) {
            return new SpdkConfig(entries, requests, ioNs, resetNs, 10_000, 10_000, bounces);
        }
    }
}
