package io.stria.systemtests.cluster;

import io.stria.systemtests.host.HostNetwork;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A device that is given up for good, and a volume's movement that rebuilds what it held, watched
 * through metrics now and then by a process that does nothing else: a command line that waits would
 * take cores from what is measured.
 */
public final class RunningMovement {
    /**
     * Seconds since the device was given up, bytes written to new places until then, and bytes per
     * second that hosts leave to it; 0: they hold nothing back.
     */
    public record Progress(double seconds, double bytes, double limit) {}

    private static final String PROGRAM =
            """
            import json, sys, time, urllib.request as web
            device, metrics, every = sys.argv[1:]
            def look():
                figures = {}
                for line in web.urlopen(metrics, timeout=30).read().decode().splitlines():
                    if line.startswith('stria_volume_mov'):
                        figures[line.split('{')[0]] = float(line.rsplit(' ', 1)[1])
                names = 'moved_bytes_total', 'moving_pages', 'moving_limit_bytes'
                return [figures.get('stria_volume_' + name, 0) for name in names]
            before = look()[0]
            body = json.dumps({'reason': 'figures', 'dataIsLost': True}).encode()
            began = time.monotonic()
            fail = web.Request(device + '/fail', body, {'Content-Type': 'application/json'})
            web.urlopen(fail, timeout=30).read()
            moves = False
            while True:
                bytes, pages, limit = look()
                print(time.monotonic() - began, bytes - before, limit, flush=True)
                if moves and pages == 0:
                    break
                moves = moves or pages > 0
                time.sleep(float(every))
            """;

    private final Process process;

    /**
     * Gives the device up.
     *
     * @param device its URL
     * @param metrics URL of those of the node that serves the only volume
     * @param every pause after each look at them
     */
    RunningMovement(HostNetwork network, String device, String metrics, Duration every)
            throws IOException {
        process =
                network.prepare(
                                List.of(
                                        "python3",
                                        "-c",
                                        PROGRAM,
                                        device,
                                        metrics,
                                        String.valueOf(every.toMillis() / 1000.0)))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
    }

    /** How it went, when it is over: the last entry is its end. */
    public List<Progress> await() {
        List<Progress> all = new ArrayList<>();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] fields = line.split(" ", 3);
                all.add(
                        new Progress(
                                Double.parseDouble(fields[0]),
                                Double.parseDouble(fields[1]),
                                Double.parseDouble(fields[2])));
            }
            int exitCode = process.waitFor();
            if (exitCode != 0) {
                throw new IllegalStateException("nobody watches the movement: " + exitCode);
            }
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } finally {
            process.destroy();
        }
    }
}
