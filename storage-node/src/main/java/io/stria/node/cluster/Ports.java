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
        check(cluster, "; the cluster was made with it and needs it");
    }

    /**
     * Of a cluster that is yet to be made.
     *
     * @throws ClusterException as {@link #check(ClusterFile)}
     */
    public static void checkChoice(ClusterFile cluster) {
        check(cluster, "; choose others with --port-base");
    }

    /**
     * Of a node that is yet to be made.
     *
     * @throws ClusterException as {@link #check(ClusterFile)}
     */
    static void checkNext(ClusterNode node) {
        check(node, "; the next node's ports follow those of the last one");
    }

    private static void check(ClusterFile cluster, String advice) {
        cluster.nodes().forEach(node -> check(node, advice));
    }

    private static void check(ClusterNode node, String advice) {
        for (int port : node.ports()) {
            check(node.address(), port, advice);
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

    static void check(String address, int port, String advice) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getByName(address), port));
        } catch (UnknownHostException e) {
            throw new ClusterException("'" + address + "' is no IP address", e);
        } catch (BindException e) {
            throw new ClusterException(sentence(address, port, e, advice), e);
        } catch (IOException e) {
            throw new ClusterException(
                    "port %d of %s cannot be used: %s".formatted(port, address, e.getMessage()), e);
        }
    }

    private static String sentence(String address, int port, BindException e, String advice) {
        String reason = String.valueOf(e.getMessage());
        if (reason.contains("Cannot assign")) {
            return address + " is no address of this machine";
        }
        if (reason.contains("in use")) {
            return "port %d of %s is in use%s%s"
                    .formatted(
                            port,
                            address,
                            PortUser.of(port).map(user -> " by " + user).orElse(""),
                            advice);
        }
        return "port %d of %s cannot be used: %s".formatted(port, address, reason);
    }
}
