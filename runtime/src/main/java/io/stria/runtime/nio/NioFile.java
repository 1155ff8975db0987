package io.stria.runtime.nio;

import io.stria.runtime.ffm.LinuxFile;
import io.stria.runtime.kernel.FileAccess;
import io.stria.runtime.kernel.KernelFile;

/** A file or block device whose accesses threads of the engine carry out. */
final class NioFile extends KernelFile {
    private final NioEngine engine;

    NioFile(NioEngine engine, LinuxFile file, int blockBytes) {
        super(file, blockBytes);
        this.engine = engine;
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
        engine.forget(this);
    }
}
