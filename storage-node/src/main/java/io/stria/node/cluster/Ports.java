package io.stria.node.cluster;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;

/** Whether a cluster's ports can be had, before anything is started. */
public final class Ports {
    private Ports() {}

    /**
     * @throws ClusterException if one is in use, naming it and who has it where that can be seen
     */
    public static void check(ClusterFile cluster) {
        for (ClusterNode node : cluster.nodes()) {
            for (int port : node.ports()) {
                check(node.address(), port);
            }
        }
    }

    public static boolean areFree(ClusterFile cluster) {
        try {
            check(cluster);
            return true;
        } catch (ClusterException e) {
            return false;
        }
    }

    static void check(String address, int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getByName(address), port));
        } catch (UnknownHostException e) {
            throw new ClusterException("'" + address + "' is no IP address", e);
        } catch (BindException e) {
            throw new ClusterException(sentence(address, port, e), e);
        } catch (IOException e) {
            throw new ClusterException(
                    "port %d of %s cannot be used: %s".formatted(port, address, e.getMessage()), e);
        }
    }

    private static String sentence(String address, int port, BindException e) {
        String reason = String.valueOf(e.getMessage());
        if (reason.contains("Cannot assign")) {
            return address + " is no address of this machine";
        }
        if (reason.contains("in use")) {
            return "port %d of %s is in use%s; choose others with --port-base"
                    .formatted(
                            port, address, PortUser.of(port).map(user -> " by " + user).orElse(""));
        }
        return "port %d of %s cannot be used: %s".formatted(port, address, reason);
    }
}
