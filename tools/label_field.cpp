#include "tools/label_field.hpp"

#include <algorithm>
#include <string>

namespace cpperon::tools {

std::string_view label_field(const std::string_view label, const std::string_view key) noexcept {
    for (std::size_t at = label.find(key); at != std::string_view::npos; at = label.find(key, at + 1)) {
        const std::size_t begin = at + key.size() + 1;
        if (at == 0 || label[at - 1] != ' ' || begin > label.size() || label[begin - 1] != '=') {
            continue;
        }
        std::size_t end = label.size();
        for (const std::string_view next : {" name=", " version=", " commit=", " resolved="}) {
            end = std::min(end, label.find(next, begin));
        }
        return label.substr(begin, end - begin);
    }
    return {};
}

}  // namespace cpperon::tools
