package io.stria.runtime.uring;

import io.stria.runtime.ffm.IoUring;
import io.stria.runtime.kernel.FileAccess;

/** An access to a file that the ring carries out. Pooled by the engine. */
final class UringFileAccess extends FileAccess {
    private final IoUringEngine engine;
    private final Step step = new Step();

    UringFileAccess(IoUringEngine engine) {
        this.engine = engine;
        engine.operations().add(step);
    }

    @Override
    protected void submit() {
        IoUring ring = engine.ring();
        int target = ((UringFile) file()).target();
        switch (kind()) {
            case READ -> ring.read(target, offset(), address(), (int) left(), step.start());
            case WRITE -> ring.write(target, offset(), address(), (int) left(), 0, step.start());
            case DURABLE_WRITE ->
                    ring.write(
                            target,
                            offset(),
                            address(),
                            (int) left(),
                            IoUring.DURABLE,
                            step.start());
            case FLUSH -> ring.syncData(target, step.start());
            case DISCARD -> ring.punchHole(target, offset(), left(), step.start());
        }
    }

    @Override
    protected void release() {
        engine.release(this);
    }

    @Override
    protected boolean delivers() {
        return engine.delivers();
    }

    /** What is in flight of it. */
    private final class Step extends Operation {
        @Override
        protected void onCompletion(int result, int flags) {
            if (advance(result)) {
                submit();
            } else {
                complete();
            }
        }
    }
}
