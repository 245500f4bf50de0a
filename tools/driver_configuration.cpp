#include "tools/driver_configuration.hpp"

#include <httplib.h>
#include <string_view>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"
#include "cpperon/driver/setting_names.hpp"
#include "cpperon/shm/directory.hpp"

namespace cpperon::tools {

namespace {

constexpr std::string_view http_scheme = "http://";

struct Url {
    std::string host;  // with its scheme and port
    std::string path;
};

Url split(const std::string& url) {
    if (!url.starts_with(http_scheme)) {
        throw InvalidArgumentError(fmt::format(
            "'{}' cannot be fetched, only what begins with http:// can: fetch it first and give its path", url));
    }
    const std::size_t slash = url.find('/', http_scheme.size());
    return {.host = url.substr(0, slash), .path = slash == std::string::npos ? "/" : url.substr(slash)};
}

httplib::Result get(const std::string& url) {
    constexpr std::time_t patience_s = 10;
    const Url parts = split(url);
    httplib::Client client{parts.host};
    client.set_connection_timeout(patience_s);
    client.set_read_timeout(patience_s);
    client.set_write_timeout(patience_s);
    httplib::Result result = client.Get(parts.path);
    if (!result) {
        throw Error(ErrorCode::io_error,
                    fmt::format("cannot fetch the properties at '{}': {}", url, httplib::to_string(result.error())));
    }
    return result;
}

void warn(const std::string_view where, const std::string& complaint) {
    fmt::print(stderr, "WARNING: {}: {}\n", where, complaint);
}

}  // namespace

std::string fetch(const std::string& url) {
    httplib::Result result = get(url);
    if (result->status == 301 || result->status == 302) {
        const std::string target = result->get_header_value("Location");
        result = get(target.starts_with('/') ? split(url).host + target : target);
    }
    if (result->status != 200) {
        throw Error(ErrorCode::io_error,
                    fmt::format("cannot fetch the properties at '{}': the server answers {}", url, result->status));
    }
    return result->body;
}

DriverConfiguration DriverConfiguration::load(const std::vector<std::string>& definitions,
                                              const std::vector<std::string>& files) {
    DriverConfiguration configuration;
    for (const std::string& definition : definitions) {
        configuration.properties.set(definition);
    }
    for (const std::string& file : files) {
        if (file.starts_with(http_scheme) || file.starts_with("https://")) {
            configuration.properties.load_text(fetch(file), file);
        } else {
            configuration.properties.load_file(file);
        }
    }
    return configuration;
}

void DriverConfiguration::warn_of_unknown_names() const {
    for (const auto& [variable, entry] : properties.entries()) {
        if (const auto complaint = driver::complaint_about(entry.name)) {
            warn(entry.where, *complaint);
        }
    }
    for (char** variable = ::environ; *variable != nullptr; ++variable) {
        const std::string_view definition{*variable};
        const std::string_view name = definition.substr(0, definition.find('='));
        const bool is_ours = name.starts_with("AERON_") || name.starts_with("CPPERON_");
        if (is_ours && name.size() + 1 < definition.size() && !properties.entries().contains(name)) {
            if (const auto complaint = driver::complaint_about(name)) {
                warn("environment", *complaint);
            }
        }
    }
}

DriverContext DriverConfiguration::make_context() const {
    DriverContext context = DriverContext::from_environment(properties.over(process_environment()));
    if (context.directory.empty()) {
        context.directory = shm::default_directory(shm::UserEnvironment::of_process());
    }
    return context;
}

}  // namespace cpperon::tools
