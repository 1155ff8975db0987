package io.stria.runtime.nio;

import io.stria.runtime.ffm.BlockingIo;
import io.stria.runtime.kernel.FileAccess;

/** An access to a file that one of the file's threads carries out. Pooled by the engine. */
class NioFileAccess extends FileAccess {
    private final NioEngine engine;

    NioFileAccess(NioEngine engine) {
        this.engine = engine;
    }

    @Override
    protected void submit() {
        ((NioFile) file()).threads().submit(this);
    }

    @Override
    protected void release() {
        engine.release(this);
    }

    @Override
    protected boolean delivers() {
        return engine.delivers();
    }

    /** All of it, on a thread that may wait. */
    void run(BlockingIo io) {
        int fd = file().fd();
        while (advance(ask(io, fd))) {
            // Goes on with what the kernel left.
        }
    }

    /** Back on the reactor's thread. */
    void deliver() {
        complete();
    }

    private int ask(BlockingIo io, int fd) {
        return switch (kind()) {
            case READ -> io.read(fd, offset(), address(), left());
            case WRITE -> io.write(fd, offset(), address(), left());
            case DURABLE_WRITE -> io.writeDurably(fd, offset(), address(), left());
            case FLUSH -> io.syncData(fd);
            case DISCARD -> io.punchHole(fd, offset(), left());
        };
    }
}
