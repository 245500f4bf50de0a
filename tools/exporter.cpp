#include "tools/exporter.hpp"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <functional>
#include <httplib.h>
#include <prometheus/text_serializer.h>
#include <string_view>
#include <sys/socket.h>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"
#include "tools/dashboard_json.hpp"
#include "tools/dashboard_page.hpp"
#include "tools/metrics.hpp"
#include "tools/watched_driver.hpp"

namespace cpperon::tools {

namespace {

constexpr int status_ok = 200;
constexpr int status_method_not_allowed = 405;
constexpr int status_not_found = 404;
constexpr int status_service_unavailable = 503;

constexpr time_t socket_timeout_s = 5;
constexpr time_t first_byte_timeout_s = 2;
constexpr std::size_t max_request_body_length = 4'096;

const char* const plain_text = "text/plain; charset=utf-8";

/// What the page may do: run what stands in it, and ask this server. It shows texts that any client can choose.
const char* const page_policy =
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The library's own options let a second exporter share the port without a word.
void set_socket_options(const socket_t socket) {
    const int yes = 1;
    static_cast<void>(::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)));
}

/// To a browser, which takes Brotli, uncompressed: the library compresses with that at its slowest, which takes seconds
/// for the metrics of a thousand streams. gzip, as Prometheus asks for, is quick.
void answer(const httplib::Request& request, httplib::Response& response, std::string text, const char* const type) {
    if (request.get_header_value("Accept-Encoding").find("br") == std::string::npos) {
        response.set_content(text, type);
        return;
    }
    const std::size_t length = text.size();
    response.set_content_provider(
        length, type,
        [text = std::move(text)](const std::size_t offset, const std::size_t count, httplib::DataSink& sink) {
            return sink.write(text.data() + offset, count);
        });
}

std::string metrics_text(const std::string& directory, const std::size_t max_streams) {
    const auto begin = std::chrono::steady_clock::now();
    const DriverLook look = WatchedDriver{directory}.look();
    const auto duration = std::chrono::steady_clock::now() - begin;
    return prometheus::TextSerializer{}.Serialize(collect_metrics(look, max_streams, duration));
}

}  // namespace

struct Exporter::Server {
    httplib::Server http;
    std::atomic<bool> has_ended{false};
};

Exporter::Exporter(Settings settings) : settings_(std::move(settings)), server_(std::make_unique<Server>()) {
    httplib::Server& http = server_->http;
    http.set_socket_options(set_socket_options);
    http.set_read_timeout(socket_timeout_s);
    http.set_write_timeout(socket_timeout_s);
    http.set_payload_max_length(max_request_body_length);
    // A connection that says nothing holds a thread, and the end of the program: one request each, and soon.
    http.set_keep_alive_max_count(1);
    http.set_keep_alive_timeout(first_byte_timeout_s);
    http.set_tcp_nodelay(true);
    add_routes();

    errno = 0;
    int port = settings_.port;
    if (port == 0) {
        port = http.bind_to_any_port(settings_.host);
    } else if (!http.bind_to_port(settings_.host, port)) {
        port = -1;
    }
    if (port < 0) {
        const int reason = errno;
        throw Error{ErrorCode::io_error,
                    fmt::format("cannot listen on {}, port {}: {}; name an address of this machine and a port that is "
                                "free with --listen, or port 0 for any",
                                settings_.host, settings_.port,
                                reason == 0 ? "there is no such address"
                                            : std::error_code{reason, std::system_category()}.message())};
    }
    port_ = static_cast<std::uint16_t>(port);
    thread_ = std::thread{[this] {
        server_->http.listen_after_bind();
        server_->has_ended.store(true, std::memory_order_relaxed);  // relaxed: hands over nothing else
    }};
    while (!http.is_running() && is_serving()) {
        std::this_thread::yield();  // until then, `stop` would be lost
    }
}

bool Exporter::is_serving() const noexcept {
    return !server_->has_ended.load(std::memory_order_relaxed);
}

Exporter::~Exporter() {
    server_->http.stop();
    thread_.join();
}

void Exporter::add_routes() {
    httplib::Server& http = server_->http;
    http.set_default_headers({{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}});
    http.Get("/", [](const httplib::Request& request, httplib::Response& response) {
        response.set_header("Content-Security-Policy", page_policy);
        answer(request, response, std::string{dashboard_page()}, "text/html; charset=utf-8");
    });
    http.Get("/metrics", [this](const httplib::Request& request, httplib::Response& response) {
        answer(request, response, metrics_text(settings_.directory, settings_.max_streams),
               "text/plain; version=0.0.4; charset=utf-8");
    });
    http.Get("/api/snapshot", [this](const httplib::Request& request, httplib::Response& response) {
        answer(request, response, dashboard_json(WatchedDriver{settings_.directory}.look(), settings_.max_streams),
               "application/json; charset=utf-8");
    });
    http.Get("/healthz", [this](const httplib::Request&, httplib::Response& response) {
        const DriverLook look = WatchedDriver{settings_.directory}.look();
        response.status = look.is_alive() ? status_ok : status_service_unavailable;
        response.set_content(fmt::format("{}\n", look.state()), plain_text);
    });
    http.set_pre_routing_handler([](const httplib::Request& request, httplib::Response& response) {
        if (request.method == "GET" || request.method == "HEAD") {
            return httplib::Server::HandlerResponse::Unhandled;
        }
        response.status = status_method_not_allowed;
        response.set_header("Allow", "GET, HEAD");
        return httplib::Server::HandlerResponse::Handled;
    });
    http.set_error_handler([](const httplib::Request&, httplib::Response& response) {
        if (response.body.empty()) {
            response.set_content(
                response.status == status_not_found
                    ? std::string{"There is nothing here; there are /, /metrics, /api/snapshot and /healthz.\n"}
                    : fmt::format("This request is refused, with status {}.\n", response.status),
                plain_text);
        }
    });
}

}  // namespace cpperon::tools
