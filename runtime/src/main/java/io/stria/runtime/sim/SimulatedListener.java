package io.stria.runtime.sim;

import io.stria.runtime.StreamHandler;
import io.stria.runtime.StreamListener;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A listening port of one engine. */
final class SimulatedListener implements StreamListener {
    private final NetworkCard card;
    private final SimulatedEngine engine;
    private final InetSocketAddress address;
    private final AcceptHandler handler;
    private boolean open = true;

    SimulatedListener(
            NetworkCard card,
            SimulatedEngine engine,
            InetSocketAddress address,
            AcceptHandler handler) {
        this.card = card;
        this.engine = engine;
        this.address = address;
        this.handler = handler;
    }

    SimulatedEngine engine() {
        return engine;
    }

    boolean accepts(@Nullable InetAddress to) {
        InetAddress own = address.getAddress();
        return own.isAnyLocalAddress() || own.equals(to);
    }

    StreamHandler accept(SimulatedStream stream) {
        return handler.onAccept(stream);
    }

    boolean isOpen() {
        return open;
    }

    @Override
    public InetSocketAddress localAddress() {
        return address;
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            card.removeListener(address.getPort());
        }
    }
}
