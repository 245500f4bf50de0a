/// Facts of a machine that only trying shows: sockets, clocks, limits, file systems.
#pragma once

#include "cpperon/driver/context.hpp"
#include "tools/machine_facts.hpp"

namespace cpperon::tools {

/// All facts, those in files too. `context`: of the driver that is to run here; its directory is where storage and
/// leftovers are looked at. Takes some milliseconds, and changes nothing.
[[nodiscard]] MachineFacts look_at_machine(const DriverContext& context);

/// Sends a run of datagrams over loopback as one buffer, and looks at how it comes.
[[nodiscard]] OffloadFacts probe_offload();

}  // namespace cpperon::tools
