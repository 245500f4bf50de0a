/// A driver that is looked at again and again: it may end, and another may come in its place. For `stat`.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cpperon/shm/cnc_reader.hpp"
#include "tools/driver_option.hpp"
#include "tools/snapshot.hpp"

namespace cpperon::tools {

class WatchedDriver {
public:
    /// Waits for the driver as the option says, and throws as `DriverOption::open` does.
    explicit WatchedDriver(const DriverOption& option);

    /// Looks at the driver that is there now. Where none is, the last one's files are shown, as they were left.
    [[nodiscard]] DriverSnapshot look();

    /// What happened to the driver since the call before, if anything: it died, it was closed, a new one came. One
    /// line.
    [[nodiscard]] std::optional<std::string> take_news();

private:
    std::string directory_;
    CncFile cnc_;
    std::optional<DriverState> last_state_;
    std::optional<std::string> news_;
};

}  // namespace cpperon::tools
