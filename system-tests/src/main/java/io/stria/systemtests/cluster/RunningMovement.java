package io.stria.systemtests.cluster;

import io.stria.systemtests.host.HostNetwork;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A device that is given up for good, and a volume's movement that rebuilds what it held, watched
 * through metrics four times a second by a process that does nothing else: a command line that
 * waits would take cores from what is measured.
 */
public final class RunningMovement {
    /** Seconds since the device was given up, and bytes written to new places until then. */
    public record Progress(double seconds, double bytes) {}

    private static final String PROGRAM =
            """
            import json, sys, time, urllib.request as web
            device, metrics = sys.argv[1:]
            def look():
                figures = {}
                for line in web.urlopen(metrics, timeout=30).read().decode().splitlines():
                    if line.startswith('stria_volume_mov'):
                        figures[line.split('{')[0]] = float(line.rsplit(' ', 1)[1])
                return figures['stria_volume_moved_bytes_total'], figures['stria_volume_moving_pages']
            before, _ = look()
            body = json.dumps({'reason': 'figures', 'dataIsLost': True}).encode()
            began = time.monotonic()
            fail = web.Request(device + '/fail', body, {'Content-Type': 'application/json'})
            web.urlopen(fail, timeout=30).read()
            moves = False
            while True:
                bytes, pages = look()
                print(time.monotonic() - began, bytes - before, flush=True)
                if moves and pages == 0:
                    break
                moves = moves or pages > 0
                time.sleep(0.25)
            """;

    private final Process process;

    /**
     * Gives the device up.
     *
     * @param device its URL
     * @param metrics URL of those of the node that serves the only volume
     */
    RunningMovement(HostNetwork network, String device, String metrics) throws IOException {
        process =
                network.prepare(List.of("python3", "-c", PROGRAM, device, metrics))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
    }

    /** How it went, when it is over: the last entry is its end. */
    public List<Progress> await() {
        List<Progress> all = new ArrayList<>();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] fields = line.split(" ", 2);
                all.add(new Progress(Double.parseDouble(fields[0]), Double.parseDouble(fields[1])));
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
