/// What the dashboard of `export` draws from: `/api/snapshot`. It is for that page alone, and changes with it.
#pragma once

#include <cstddef>
#include <string>

#include "tools/watched_driver.hpp"

namespace cpperon::tools {

/// One JSON object, in UTF-8, without blanks:
///
///     driver     state, directory, problem; of a driver that is there also what `driver_as_json` has
///     system     [id, label, value] of each of the driver's own counters
///     streams    publications and images, the oldest `max_streams`, with their subscribers
///     channels, clients, counters   as many each, of those the driver has; counters are those of other kinds
///     errors, losses                the latest, as many each
///     left_out   how many of each there are beyond
///
/// Streams, channels and clients are there of a driver that is not alive, too: as they were when it ended.
[[nodiscard]] std::string dashboard_json(const DriverLook& look, std::size_t max_streams);

}  // namespace cpperon::tools
