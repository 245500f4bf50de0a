#include "cpperon/driver/name_resolution/name_cache.hpp"

namespace cpperon::driver {

bool NameCache::put(const std::string_view name, const CachedName& entry) {
    Names& names = names_[static_cast<std::size_t>(entry.address.family())];
    if (const auto known = names.find(name); known != names.end()) {
        known->second = entry;
        return true;
    }
    if (size() >= capacity_) {
        return false;
    }
    names.emplace(name, entry);
    return true;
}

void NameCache::expire(const std::int64_t now_ns) {
    for (Names& names : names_) {
        std::erase_if(names, [&](const auto& name) { return name.second.last_activity_ns + timeout_ns_ <= now_ns; });
    }
}

const net::SocketAddress* NameCache::find(const std::string_view name) const noexcept {
    for (const Names& names : names_) {
        if (const auto known = names.find(name); known != names.end()) {
            return &known->second.address;
        }
    }
    return nullptr;
}

}  // namespace cpperon::driver
