#include "cpperon/driver/name_resolution/neighbor_table.hpp"

namespace cpperon::driver {

bool NeighborTable::on_sighting(const NeighborSighting& sighting) {
    if (const auto known = last_activity_ns_.find(sighting.address); known != last_activity_ns_.end()) {
        if (sighting.is_self) {
            known->second = sighting.last_activity_ns;
        }
        return true;
    }
    if (size() >= capacity_) {
        return false;
    }
    last_activity_ns_.emplace(sighting.address, sighting.last_activity_ns);
    return true;
}

}  // namespace cpperon::driver
