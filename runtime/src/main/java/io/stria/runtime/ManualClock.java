package io.stria.runtime;

/** A clock that stands still until somebody moves it: for tests and simulation. */
public final class ManualClock implements Clock {
    private long nowNs;

    public ManualClock(long startNs) {
        this.nowNs = startNs;
    }

    @Override
    public long nowNs() {
        return nowNs;
    }

    public void advance(long byNs) {
        assert byNs >= 0 : "time does not run backwards: " + byNs;
        nowNs += byNs;
    }
}
