package io.stria.runtime.nio;

import io.stria.runtime.ffm.LinuxFile;
import io.stria.runtime.kernel.FileAccess;
import io.stria.runtime.kernel.KernelFile;

/** A file or block device whose accesses are carried out by threads of its own. */
final class NioFile extends KernelFile {
    private final NioEngine engine;
    private final FileThreads threads;

    NioFile(NioEngine engine, LinuxFile file, int blockBytes, FileThreads threads) {
        super(file, blockBytes);
        this.engine = engine;
        this.threads = threads;
    }

    FileThreads threads() {
        return threads;
    }

    @Override
    protected FileAccess takeAccess() {
        return engine.takeFileAccess();
    }

    @Override
    protected void deliverLater(Runnable delivery) {
        engine.deliverLater(delivery);
    }

    @Override
    protected void beforeClose() {
        threads.stop();
        engine.forget(this);
    }
}
