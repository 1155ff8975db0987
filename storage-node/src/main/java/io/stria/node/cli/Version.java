package io.stria.node.cli;

import picocli.CommandLine.IVersionProvider;

/** Which Stria this is, from the manifest of its jar. */
final class Version implements IVersionProvider {
    static String number() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "unbuilt" : version;
    }

    @Override
    public String[] getVersion() {
        return new String[] {"stria " + number()};
    }
}
