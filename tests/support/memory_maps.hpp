/// How this process has mapped a file, as the system tells it.
#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace cpperon::test {

/// `r--s`, `rw-s` ... of each mapping of `path` in this process.
inline std::vector<std::string> permissions_of_mappings(const std::string& path) {
    std::vector<std::string> found;
    std::ifstream maps{"/proc/self/maps"};
    for (std::string line; std::getline(maps, line);) {
        std::istringstream fields{line};
        std::string addresses;
        std::string permissions;
        std::string offset;
        std::string device;
        std::string inode;
        std::string name;
        fields >> addresses >> permissions >> offset >> device >> inode >> name;
        if (name == path) {
            found.push_back(permissions);
        }
    }
    return found;
}

}  // namespace cpperon::test
