#include "tools/driver_look.hpp"

#include "cpperon/shm/directory.hpp"

namespace cpperon::tools {

std::string_view DriverLook::state() const noexcept {
    return snapshot ? to_string(snapshot->state) : "absent";
}

DriverLook look_at_driver(const std::string& directory, EpochClock& clock) {
    DriverLook look{.directory =
                        directory.empty() ? shm::configured_directory(shm::UserEnvironment::of_process()) : directory};
    const Result<CncFile> cnc = CncFile::try_open(look.directory);
    if (cnc) {
        look.snapshot = take_snapshot(*cnc, clock);
    } else {
        look.problem = cnc.error().message;
    }
    return look;
}

}  // namespace cpperon::tools
