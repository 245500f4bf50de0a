/// Where a supervisor gives the driver a set of processors, the affinity settings count within it: 0 is its first. Used
/// while a driver starts. spec: 06 §2.5
#pragma once

#include <string>

#include "cpperon/driver/context.hpp"

namespace cpperon::driver {

/// Where Linux tells of processors; tests put in their own.
struct ProcessorFiles {
    std::string groups_of_process = "/proc/self/cgroup";
    std::string groups = "/sys/fs/cgroup";
    std::string processors = "/sys/devices/system/cpu";
};

/// With `cpuset_affinity`, makes processor numbers of the context's affinities, -1 stays. Warns of a set that lacks
/// hardware threads of its cores, or spans dies or last-level caches: neighbours would disturb the driver, or its
/// threads be far from each other. Throws `InvalidArgumentError` for an affinity beyond the set, for a warning with
/// `cpuset_warnings_as_errors`, and where the process has no set (cgroup v2).
void apply_cpuset(DriverContext& context, const ProcessorFiles& files = {});

}  // namespace cpperon::driver
