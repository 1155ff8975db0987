/**
 * Power cuts at every boundary: a volume's owner with its n+2 stores does scripted work on disks
 * that know what a power cut could take, and from every state that it could leave everything
 * recovers ({@link io.stria.simulator.powercut.PowerCuts}).
 */
@NullMarked
package io.stria.simulator.powercut;

import org.jspecify.annotations.NullMarked;
