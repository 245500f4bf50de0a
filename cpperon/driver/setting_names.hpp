/// Whether somebody reads a setting that somebody wrote: tells mistyped names from those that other parts of Aeron
/// read. Used by programs around the driver while they start. spec: 06 §3.4, 07 §A.9, 08 §11
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cpperon::driver {

/// What is to be said of a property or an environment variable of this name, to stand behind "WARNING: ". Nothing where
/// the driver reads it, and where it is for a client, an archive or a cluster, which often share a file with the
/// driver.
[[nodiscard]] std::optional<std::string> complaint_about(std::string_view name);

}  // namespace cpperon::driver
