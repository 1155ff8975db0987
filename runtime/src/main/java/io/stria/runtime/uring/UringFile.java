package io.stria.runtime.uring;

import io.stria.runtime.ffm.LinuxFile;
import io.stria.runtime.kernel.FileAccess;
import io.stria.runtime.kernel.KernelFile;

/** A file or block device on the engine's ring. */
final class UringFile extends KernelFile {
    private final IoUringEngine engine;
    private final int target;

    UringFile(IoUringEngine engine, LinuxFile file, int blockBytes) {
        super(file, blockBytes);
        this.engine = engine;
        this.target = engine.ring().fix(file.fd());
    }

    /** What the ring knows it by. */
    int target() {
        return target;
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
        engine.ring().unfix(target);
        engine.forget(this);
    }
}
