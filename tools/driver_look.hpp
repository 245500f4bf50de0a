/// What a program that watches a directory sees there at one moment: a driver, alive or not, or none at all. Each look
/// opens the files anew, so that a driver that was restarted, or came late, is seen at once. For `export`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tools/snapshot.hpp"

namespace cpperon::tools {

/// A snapshot, or why there is none.
struct DriverLook {
    std::string directory;
    std::optional<DriverSnapshot> snapshot;
    std::string problem;  ///< for people; empty where there is a snapshot

    [[nodiscard]] bool is_alive() const noexcept { return snapshot && snapshot->state == DriverState::alive; }
    /// `alive`, `dead`, `closed`; `absent` where there are no files that can be read.
    [[nodiscard]] std::string_view state() const noexcept;
};

/// `directory`: empty for the one that `AERON_DIR` names, else the user's own. Does not throw for what it finds there.
[[nodiscard]] DriverLook look_at_driver(const std::string& directory, EpochClock& clock = SystemEpochClock::instance());

}  // namespace cpperon::tools
