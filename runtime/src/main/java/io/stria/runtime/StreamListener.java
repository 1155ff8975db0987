package io.stria.runtime;

import java.net.InetSocketAddress;

/** A listening socket of one reactor. */
public interface StreamListener extends AutoCloseable {
    /** Gives each new stream its handler. */
    interface AcceptHandler {
        StreamHandler onAccept(TcpStream stream);
    }

    /** The address bound, with the port that was picked. */
    InetSocketAddress localAddress();

    @Override
    void close();
}
