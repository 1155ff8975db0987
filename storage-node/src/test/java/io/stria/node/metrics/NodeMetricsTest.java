package io.stria.node.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.stria.dataplane.peer.PeerCounters;
import io.stria.dataplane.store.StoreIo;
import io.stria.dataplane.store.StoreStats;
import io.stria.dataplane.volume.HedgeFigures;
import io.stria.dataplane.volume.ScrubFigures;
import io.stria.nvmf.IoCounters;
import io.stria.nvmf.TargetCounters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class NodeMetricsTest {
    private static final StoreStats STATS =
            new StoreStats(
                    1000, 10, 0, 1 << 20, 4096, 2, 3, 4, 1 << 16, 100, 200, 300, 400, 50, 6, 7, 8,
                    9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20);

    private final Map<String, IoCounters> volumes = new HashMap<>();
    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    NodeMetricsTest() {
        volumes.put("demo", new IoCounters());
        registry.getPrometheusRegistry().register(new NodeMetrics(this::figures));
    }

    private DataPlaneFigures figures() {
        return new DataPlaneFigures(
                Map.of(),
                new TargetCounters(),
                new PeerCounters(),
                Map.copyOf(volumes),
                Map.of("demo", 7L),
                Map.of("demo", new MovementFigures(100, 42)),
                Map.of("demo", 5000L),
                Map.of("demo", 3_000_000L),
                Map.of("demo", new ScrubFigures(5, 7, true, 3, 64, 1, 10, 900, 2, 1, 4)),
                Map.of("demo", new HedgeFigures(12, 345, 2_000_000)),
                Map.of("d1", new DeviceFigures(new StoreIo(), STATS, true)));
    }

    private Scrape scrape() {
        return new Scrape(registry.scrape());
    }

    @Test
    void figuresComeOutUnderTheirNames() {
        Scrape scrape = scrape();
        assertEquals(4096, scrape.value("stria_device_journal_used_bytes{device=\"d1\"}"));
        assertEquals(
                300, scrape.value("stria_device_written_bytes_total{device=\"d1\",part=\"home\"}"));
        assertEquals(7, scrape.value("stria_volume_caught_up_blocks{volume=\"demo\"}"));
        assertEquals(100, scrape.value("stria_volume_moving_pages{volume=\"demo\"}"));
        assertEquals(42, scrape.value("stria_volume_moved_pages{volume=\"demo\"}"));
        assertEquals(5000, scrape.value("stria_volume_moved_bytes_total{volume=\"demo\"}"));
        assertEquals(3_000_000, scrape.value("stria_volume_moving_limit_bytes{volume=\"demo\"}"));
        assertEquals(3, scrape.value("stria_volume_scrubbing_pages{volume=\"demo\"}"));
        assertEquals(1, scrape.value("stria_volume_scrubs_total{volume=\"demo\"}"));
        assertEquals(900, scrape.value("stria_volume_scrubbed_blocks_total{volume=\"demo\"}"));
        assertEquals(2, scrape.value("stria_volume_scrub_faults_total{volume=\"demo\"}"));
        assertEquals(1, scrape.value("stria_volume_scrub_repairs_total{volume=\"demo\"}"));
        assertEquals(4, scrape.value("stria_volume_scrub_strays_total{volume=\"demo\"}"));
        assertEquals(12, scrape.value("stria_volume_hedged_reads_total{volume=\"demo\"}"));
        assertEquals(345, scrape.value("stria_volume_detoured_reads_total{volume=\"demo\"}"));
        assertEquals(0.002, scrape.value("stria_volume_hedge_delay_seconds{volume=\"demo\"}"));
        assertEquals(64, scrape.value("stria_volume_pages{volume=\"demo\"}"));
        assertEquals(
                0,
                scrape.value(
                        "stria_volume_latency_seconds_bucket"
                                + "{operation=\"read\",volume=\"demo\",le=\"1.5E-5\"}"));
        scrape.assertNamed();
    }

    @Test
    void aVolumeThatHasGoneIsInNoLaterAnswer() {
        volumes.put("gone", new IoCounters());
        assertTrue(scrape().mentions("volume=\"gone\""));
        volumes.remove("gone");
        assertFalse(scrape().mentions("volume=\"gone\""));
    }

    /** The bounds that docs/metrics.md states. */
    @Test
    void aVolumeAndADeviceTakeTheirSeriesAndNoMore() {
        assertEquals(114, series("volume=\"demo\""));
        assertEquals(121, series("device=\"d1\""));
    }

    private long series(String label) {
        return scrape().text().lines().filter(line -> line.contains(label)).count();
    }

    @Test
    void theExamplesOfConfigurationAreGood() throws IOException, InterruptedException {
        assumeTrue(Scrape.hasPromtool(), "promtool is not installed (Debian: prometheus)");
        String directory = "../docs/prometheus/";
        assertEquals("", Scrape.promtool("", "check", "rules", directory + "alerts.yml"));
        assertEquals("", Scrape.promtool("", "check", "config", directory + "prometheus.yml"));
    }

    @Test
    void alertsComeWhenTheyShould() throws IOException, InterruptedException {
        assumeTrue(Scrape.hasPromtool(), "promtool is not installed (Debian: prometheus)");
        assertEquals(
                "", Scrape.promtool("", "test", "rules", "src/test/resources/alerts-test.yml"));
    }

    /** The table is compared with what a node answers, by LiveClusterTest. */
    @Test
    void alertsAskForMetricsThatThereAre() throws IOException {
        String documented = Files.readString(Path.of("../docs/metrics.md"));
        Matcher metric =
                Pattern.compile("\\bstria_[a-z_]+")
                        .matcher(Files.readString(Path.of("../docs/prometheus/alerts.yml")));
        while (metric.find()) {
            String name = metric.group().replaceFirst("_bucket$", "");
            assertTrue(documented.contains("| `" + name + "` |"), name);
        }
    }

    @Test
    void promtoolFindsNothing() throws IOException, InterruptedException {
        assumeTrue(Scrape.hasPromtool(), "promtool is not installed (Debian: prometheus)");
        assertEquals("", Scrape.promtool(scrape().text(), "check", "metrics"));
    }
}
