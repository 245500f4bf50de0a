/// The options of every command that looks into the directory of a driver. spec: 06 §24
#pragma once

#include <chrono>
#include <string>

#include "cpperon/shm/cnc_reader.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): it is theirs
class App;
}

namespace cpperon::tools {

/// Which driver, and how long to wait for it: `-d`, `-t`, as the reference's tools have them.
struct DriverOption {
    std::string directory{};  ///< empty: what `AERON_DIR` names, else the user's
    std::chrono::milliseconds timeout{1'000};

    // The object must outlive the parsing and the command.
    void add_to(CLI::App& command);
    /// Without `-t`, for commands that also do something where there is no driver.
    void add_directory_to(CLI::App& command);

    /// Maps the files of the driver, read-only. Throws as `CncFile::open` does.
    [[nodiscard]] CncFile open() const { return CncFile::open(directory, timeout); }
};

}  // namespace cpperon::tools
