package io.stria.nvmf;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintWriter;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Runs the test classes that it is given; the last line says how many tests there were. */
final class SpdkRun {
    private SpdkRun() {}

    static void main(String[] classes) throws ClassNotFoundException {
        LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request();
        for (String name : classes) {
            request.selectors(selectClass(Class.forName(name)));
        }
        SummaryGeneratingListener summary = new SummaryGeneratingListener();
        Launcher launcher = LauncherFactory.create();
        LauncherDiscoveryRequest built = request.build();
        launcher.execute(built, summary);
        summary.getSummary().printFailuresTo(new PrintWriter(System.out, true), 30);
        System.out.println(
                "%d of %d succeeded"
                        .formatted(
                                summary.getSummary().getTestsSucceededCount(),
                                summary.getSummary().getTestsFoundCount()));
        // SPDK's threads are no reason to stay.
        Runtime.getRuntime().halt(0);
    }
}
