package io.stria.node.cli;

import java.io.PrintWriter;

/** Lines that say what is going on; any thread may add one. */
final class Progress {
    private final PrintWriter out;

    Progress(PrintWriter out) {
        this.out = out;
    }

    synchronized void say(String line) {
        out.println("stria: " + line);
        out.flush();
    }
}
