#include "cpperon/driver/conductor/network_lifecycle.hpp"

#include <algorithm>

#include "cpperon/driver/conductor/network_publication.hpp"

namespace cpperon::driver {

int update_network_limits(ConductorState& state) {
    return static_cast<int>(std::count_if(state.network_publications.begin(), state.network_publications.end(),
                                          [](const auto& publication) { return publication->update_limit(); }));
}

void tick_network_publications(ConductorState& state) {
    auto& publications = state.network_publications;
    for (auto publication = publications.rbegin(); publication != publications.rend(); ++publication) {
        (*publication)->on_tick(state.now_ns);
    }
}

}  // namespace cpperon::driver
