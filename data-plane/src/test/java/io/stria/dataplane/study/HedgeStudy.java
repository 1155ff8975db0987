package io.stria.dataplane.study;

import io.stria.clustermap.Scheme;
import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.volume.HedgeConfig;
import io.stria.dataplane.volume.HedgeFigures;
import io.stria.dataplane.volume.OwnerConfig;
import io.stria.runtime.BlockFile;
import io.stria.runtime.Reactor;
import io.stria.runtime.sim.DiskConfig;
import io.stria.runtime.sim.SimulatedDisk;
import io.stria.runtime.sim.SimulatedEngine;
import io.stria.runtime.sim.SimulatedHost;
import io.stria.runtime.sim.Simulation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How long reads of a volume take when one of its devices becomes slow, with and without hedged
 * reads; {@code perf/run hedge}. Owner and stores are the product's, time and devices are
 * simulated: so the figures are the same on every machine, however busy, and the time of the CPU is
 * in none.
 */
public final class HedgeStudy {
    private static final int DEPTH = 16;
    private static final int READS = 100_000;
    private static final int LEARNING = 20_000;
    private static final int DEVICES = 5;
    private static final long DEVICE_BYTES = 256L << 20;
    private static final long VOLUME_BYTES = 64L << 20;
    private static final long BLOCKS = VOLUME_BYTES / BlockDevice.BLOCK_BYTES;
    private static final int CHUNK = 32;
    private static final double NS_PER_US = 1e3;

    private final SimulatedEngine engine;
    private final List<SimulatedDisk> disks = new ArrayList<>();
    private final StudyVolume volume;
    private final StudyHosts hosts;

    private HedgeStudy(Scheme scheme, HedgeConfig hedges) throws IOException {
        SimulatedHost host = new SimulatedHost(new Simulation(1), "host");
        for (int i = 0; i < DEVICES; i++) {
            disks.add(host.addDisk(Path.of("disk-" + i), DiskConfig.flash(DEVICE_BYTES, 4096)));
        }
        engine = host.start();
        Reactor reactor = engine.newReactor("study");
        List<BlockFile> devices = new ArrayList<>();
        for (int i = 0; i < DEVICES; i++) {
            devices.add(
                    engine.openFile(Path.of("disk-" + i), new BlockFile.Options(0, 4096, true)));
        }
        volume =
                new StudyVolume(
                        reactor,
                        engine::runUntil,
                        devices,
                        scheme,
                        VOLUME_BYTES,
                        OwnerConfig.DEFAULT.with(hedges));
        hosts = new StudyHosts(volume, engine.clock(), DEPTH, CHUNK);
        reactor.addPoller(hosts);
        hosts.ask(IoOp.WRITE, CHUNK, (int) (BLOCKS / CHUNK), i -> i * CHUNK);
        end();
        read(LEARNING);
    }

    private void end() {
        engine.wake();
        engine.runUntil(hosts::isDone);
    }

    private void read(int count) {
        hosts.ask(IoOp.READ, 1, count, StudyHosts.anyOf(BLOCKS));
        end();
    }

    private long deviceReads() {
        return disks.stream().mapToLong(disk -> disk.counters().reads()).sum();
    }

    private void row(Scheme scheme, String what, String hedging) {
        HedgeFigures before = volume.hedges();
        long readsBefore = deviceReads();
        read(READS);
        long[] took = hosts.sorted();
        HedgeFigures after = volume.hedges();
        System.out.printf(
                "%-6s %-26s %-8s %8.0f %8.0f %8.0f %8.0f %9.2f %9.2f %9.3f%n",
                scheme,
                what,
                hedging,
                took[READS / 2] / NS_PER_US,
                took[READS * 99 / 100] / NS_PER_US,
                took[(int) (READS * 999L / 1000)] / NS_PER_US,
                took[READS - 1] / NS_PER_US,
                100.0 * (after.hedged() - before.hedged()) / READS,
                100.0 * (after.detours() - before.detours()) / READS,
                (double) (deviceReads() - readsBefore) / READS);
    }

    public static void main(String[] arguments) throws IOException {
        System.out.printf(
                "%d random reads of 4 KiB, %d at a time, of a volume on %d flash devices; simulated%n%n",
                READS, DEPTH, DEVICES);
        System.out.printf(
                "%-6s %-26s %-8s %8s %8s %8s %8s %9s %9s %9s%n",
                "scheme",
                "devices",
                "hedged",
                "p50 us",
                "p99",
                "p99.9",
                "longest",
                "hedged %",
                "around %",
                "reads/IO");
        for (int n : new int[] {1, 2}) {
            Scheme scheme = new Scheme(n);
            for (boolean hedging : new boolean[] {false, true}) {
                HedgeStudy study =
                        new HedgeStudy(scheme, hedging ? HedgeConfig.DEFAULT : HedgeConfig.OFF);
                String word = hedging ? "on" : "off";
                study.row(scheme, "all alike", word);
                study.disks.getFirst().faults().slowDown(10);
                study.row(scheme, "one 10 times slower", word);
            }
        }
    }
}
