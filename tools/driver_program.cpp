#include "tools/driver_program.hpp"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cpperon/base/error.hpp"
#include "cpperon/base/this_thread.hpp"
#include "cpperon/base/version.hpp"
#include "cpperon/driver/context.hpp"
#include "cpperon/driver/media_driver.hpp"
#include "tools/driver_settings.hpp"
#include "tools/settings_text.hpp"

namespace cpperon::tools {

namespace {

// relaxed everywhere: the handler and the conductor, which sets the second, hand over nothing but these values.
std::atomic<int> received_signal{0};
std::atomic<bool> is_termination_accepted{false};
static_assert(std::atomic<int>::is_always_lock_free, "the signal handler must not lock");

void on_signal(const int signal) {
    received_signal.store(signal, std::memory_order_relaxed);
}

void install_signal_handlers() {
    struct sigaction action {};
    action.sa_handler = on_signal;
    ::sigemptyset(&action.sa_mask);
    for (const int signal : {SIGINT, SIGTERM}) {
        ::sigaction(signal, &action, nullptr);
    }
    // Whoever read what the driver prints may be gone when it ends; that must not keep it from ending in order.
    std::signal(SIGPIPE, SIG_IGN);
}

struct Arguments {
    DriverSettings settings;
    std::string print_format;
    bool is_printing = false;
    std::string filter;
    bool is_explaining = false;
    bool as_markdown = false;
    bool as_man_page = false;
};

int explain(const Arguments& arguments) {
    const std::string text = arguments.as_markdown   ? settings_as_markdown()
                             : arguments.as_man_page ? settings_as_man_page()
                                                     : explain_settings(arguments.filter);
    if (text.empty()) {
        fmt::print(stderr, "no setting has '{}' in its name or meaning\n", arguments.filter);
        return EXIT_FAILURE;
    }
    fmt::print("{}", text);
    return EXIT_SUCCESS;
}

/// The exit status: the signal that ended the driver, or 0 after an accepted termination.
int drive(DriverContext context) {
    install_signal_handlers();
    context.termination_hook = [] { is_termination_accepted.store(true, std::memory_order_relaxed); };
    if (context.thread_naming == ThreadNaming::aeron_md) {
        // The main thread only; the others are named already. With classic naming it keeps the program's name.
        context.on_agent_start = [main_thread = std::this_thread::get_id()](const std::string_view role) {
            if (std::this_thread::get_id() == main_thread) {
                name_this_thread(role);
            }
        };
    }
    MediaDriver driver{std::move(context), MainLoop::by_caller};
    while (received_signal.load(std::memory_order_relaxed) == 0 &&
           !is_termination_accepted.load(std::memory_order_relaxed)) {
        driver.idle(driver.do_work());
    }
    std::fputs("Shutting down driver...\n", stdout);
    driver.close();
    return received_signal.load(std::memory_order_relaxed);
}

int run(const Arguments& arguments) {
    if (arguments.is_explaining) {
        return explain(arguments);
    }
    const DriverConfiguration configuration = arguments.settings.configuration();
    if (arguments.is_printing) {
        return print_configuration(configuration, arguments.print_format == "json");
    }
    configuration.warn_of_unknown_names();
    return drive(configuration.make_context());
}

std::string version_line(const std::string_view program) {
    return fmt::format("{0} <aeron version={1} commit={2}> major {3} minor {4} patch {5} git {2}", program,
                       version_text, build_commit(), version_major, version_minor, version_patch);
}

std::string explain_misuse(const CLI::App* const app, const CLI::Error& mistake) {
    return fmt::format(
        "{0}: {1}\nUsage: {0} [-Dname=value]... [--print-config[=json]] [properties file or URL]...\n"
        "{0} --help says more.\n",
        app->get_name(), mistake.what());
}

void add_arguments(CLI::App& app, Arguments& arguments) {
    arguments.settings.add_definitions_to(app);
    arguments.settings.add_files_to(app);
    app.add_flag(
           "--print-config", arguments.print_format,
           "Print the settings that would be in effect, and where each comes from; start no driver. For programs: "
           "--print-config=json")
        ->check([](const std::string& format) {
            return format == "true" || format == "json" ? std::string{}
                                                        : "'" + format + "' is unknown; allowed: =json, or nothing";
        });
    app.add_option("--help-settings", arguments.filter, "Explain all settings, or those that have this text")
        ->type_name("[text]")
        ->expected(0, 1);
    app.add_flag("--markdown", arguments.as_markdown, "Explain all settings in tables for a guide");
    app.add_flag("--man", arguments.as_man_page, "Explain all settings for a man page");
}

}  // namespace

int run_driver_program(const int argument_count, char** const argument_values) {
    const std::string_view path = argument_count > 0 ? argument_values[0] : "cpperond";
    const std::string program{path.substr(path.rfind('/') + 1)};
    Arguments arguments;
    CLI::App app{"A media driver for Aeron clients on this machine.", program};
    add_arguments(app, arguments);
    app.set_version_flag("-v,--version", version_line(program));
    app.failure_message(explain_misuse);
    app.footer([] {
        return "Ends with SIGINT or SIGTERM, with the signal's number as exit status, and with 0 when a client "
               "terminates it,\nwhich needs -Daeron.driver.termination.validator=allow. Exit status 1: it did not "
               "start.\n\nSettings, each also as a variable of the environment, AERON_DIR for aeron.dir:\n" +
               settings_overview();
    });
    try {
        app.parse(argument_count, argument_values);
    } catch (const CLI::ParseError& outcome) {
        return app.exit(outcome) == EXIT_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    arguments.is_printing = app.count("--print-config") > 0;
    arguments.is_explaining = app.count("--help-settings") > 0 || arguments.as_markdown || arguments.as_man_page;

    try {
        return run(arguments);
    } catch (const Error& error) {
        fmt::print(stderr, "{}: error {} ({}): {}\n{}", program, static_cast<int>(error.code()),
                   to_string(error.code()), error.what(), error.stack_trace());
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}: {}\n", program, error.what());
    }
    return EXIT_FAILURE;
}

}  // namespace cpperon::tools
