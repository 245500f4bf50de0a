/// What a program that watches a directory sees there at one moment: a driver, alive or not, or none at all. The driver
/// may come, end, and be followed by another. For `stat` and `export`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cpperon/shm/cnc_reader.hpp"
#include "tools/snapshot.hpp"

namespace cpperon::tools {

/// A snapshot, or why there is none.
struct DriverLook {
    std::string directory;
    std::optional<DriverSnapshot> snapshot;
    std::string problem;  ///< for people; empty where there is a snapshot
    std::string news;     ///< for people: what became of the driver since the look before; empty: nothing

    [[nodiscard]] bool is_alive() const noexcept { return snapshot && snapshot->state == DriverState::alive; }
    /// `alive`, `dead`, `closed`; `absent` where there are no files that can be read.
    [[nodiscard]] std::string_view state() const noexcept;
};

class WatchedDriver {
public:
    /// `directory`: empty for the one that `AERON_DIR` names, else the user's own.
    explicit WatchedDriver(const std::string& directory);
    /// One that is there: each look has a snapshot.
    explicit WatchedDriver(CncFile present);

    /// Looks at the driver that is there now; each look opens the files anew. Where there is none, those of the last
    /// one that was seen are read, as it left them. Does not throw for what it finds.
    [[nodiscard]] DriverLook look();

private:
    std::string directory_;
    std::optional<CncFile> last_;
    std::optional<DriverState> last_state_;
};

}  // namespace cpperon::tools
