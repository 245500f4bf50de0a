#include "cpperon/client/status.hpp"

namespace cpperon {

std::string_view to_string(const Status status) noexcept {
    switch (status) {
        case Status::disconnected: return "disconnected";
        case Status::connected: return "connected";
        case Status::back_pressured: return "back_pressured";
        case Status::closed: return "closed";
    }
    return "";
}

}  // namespace cpperon
