/// What a driver program is told: by its environment, by `-D` and by properties files. Used while it starts.
/// spec: 06 §3.1, §4
#pragma once

#include <string>
#include <vector>

#include "cpperon/base/environment.hpp"
#include "cpperon/base/properties.hpp"
#include "cpperon/driver/context.hpp"

namespace cpperon::tools {

struct DriverConfiguration {
    Properties properties;  ///< the definitions first, then the files in their order; a later one wins

    /// `files`: paths, or URLs that begin with `file://` or `http://`. Throws `Error` for what cannot be read.
    [[nodiscard]] static DriverConfiguration load(const std::vector<std::string>& definitions,
                                                  const std::vector<std::string>& files);

    /// Of properties and variables of the environment that no driver and no client reads, a line each.
    void warn_of_unknown_names() const;

    /// The settings with which the driver starts; the directory is filled in. What cannot be read is told on stderr.
    /// Throws `InvalidArgumentError` as `DriverContext::from_environment`.
    [[nodiscard]] DriverContext make_context() const;
};

/// The text at a URL that begins with `http://`: waits for 10 s, follows one redirection. Throws `Error`. spec: 06 §3.2
[[nodiscard]] std::string fetch(const std::string& url);

}  // namespace cpperon::tools
