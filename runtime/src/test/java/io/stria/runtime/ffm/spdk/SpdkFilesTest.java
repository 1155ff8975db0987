package io.stria.runtime.ffm.spdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpdkFilesTest {
    private static final List<String> ALL =
            List.of(
                    "libisal.so.2",
                    "librte_log.so.26",
                    "librte_kvargs.so.26",
                    "librte_telemetry.so.26",
                    "librte_argparse.so.26",
                    "librte_eal.so.26",
                    "librte_ring.so.26",
                    "librte_mempool.so.26",
                    "librte_mempool_ring.so.26",
                    "librte_pci.so.26",
                    "librte_bus_pci.so.26",
                    "libspdk_log.so.9.0",
                    "libspdk_util.so.12.0",
                    "libspdk_json.so.8.0",
                    "libspdk_jsonrpc.so.8.0",
                    "libspdk_rpc.so.9.0",
                    "libspdk_trace.so.13.0",
                    "libspdk_dma.so.7.0",
                    "libspdk_keyring.so.4.0",
                    "libspdk_sock.so.14.0",
                    "libspdk_sock_posix.so.8.0",
                    "libspdk_env_dpdk.so.17.0",
                    "libspdk_nvme.so.18.0");

    @TempDir private Path home;

    private SpdkFiles install(List<String> names) throws IOException {
        Path lib = Files.createDirectories(home.resolve("lib"));
        for (String name : names) {
            Files.createFile(lib.resolve(name));
        }
        return SpdkFiles.find(Map.of(SpdkFiles.HOME, home.toString()));
    }

    @Test
    void nobodyWhoDoesNotAskGetsIt() {
        SpdkFiles none = SpdkFiles.find(Map.of());
        assertEquals(List.of(), none.libraries());
        assertTrue(none.refusal().contains(SpdkFiles.HOME), none::refusal);
    }

    @Test
    void allOfItsLibrariesAreFoundWhereItWasInstalled() throws IOException {
        SpdkFiles files = install(ALL);
        assertEquals("", files.refusal());
        assertEquals(
                ALL,
                files.libraries().stream().map(path -> path.getFileName().toString()).toList());
        assertEquals("", SpdkVersion.refusal(files));
        assertEquals(ALL.size(), files.preload().split(":").length);
    }

    @Test
    void theLibraryPathSaysItToo() throws IOException {
        install(ALL);
        SpdkFiles files =
                SpdkFiles.find(
                        Map.of("LD_LIBRARY_PATH", "/nowhere:" + home.resolve("lib").toString()));
        assertEquals("", files.refusal());
    }

    @Test
    void theOneThatIsMissingIsNamed() throws IOException {
        SpdkFiles files = install(ALL.stream().filter(name -> !name.contains("spdk_dma")).toList());
        assertTrue(files.refusal().startsWith("libspdk_dma.so is not in"), files::refusal);
        assertEquals(List.of(), files.libraries());
    }

    @Test
    void anotherVersionIsRefusedWithBothNumbers() throws IOException {
        SpdkFiles files =
                install(
                        ALL.stream()
                                .map(name -> name.replace("nvme.so.18.0", "nvme.so.14.1"))
                                .toList());
        String refusal = SpdkVersion.refusal(files);
        assertTrue(refusal.contains("nvme 14") && refusal.contains("knows 18"), refusal);
    }
}
