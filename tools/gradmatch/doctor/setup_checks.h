#ifndef GRADMATCH_TOOLS_GRADMATCH_DOCTOR_SETUP_CHECKS_H_
#define GRADMATCH_TOOLS_GRADMATCH_DOCTOR_SETUP_CHECKS_H_

#include <cstdint>
#include <string>

#include "server/options.h"
#include "tools/gradmatch/doctor/finding.h"

namespace gradmatch {

// Reads the configuration as the server would; `loaded` gets it when it is
// usable, and the defaults else.
Finding CheckConfig(const std::string& config_path, const std::string& data_dir,
                    LoadedOptions& loaded);

// Files that options name (server.*_file, tls.*, ...): there, readable, and for
// keys by their owner only. One finding a file; none when no option names one.
Findings CheckOptionFiles(const LoadedOptions& loaded);

// Whether `limit` of descriptors, -1 when it is not known, is enough for the
// connections and table files of `options`. Pure.
Finding CheckOpenFiles(const Options& options, int64_t limit);

// Whether the listeners' addresses can be had. Only of use when no server runs.
Findings CheckListeners(const Options& options);

// The data folder: its format, its owner, what is kept beside the store.
// Nothing in it is changed, and it may be in use.
Findings CheckDataFolder(const std::string& folder);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_DOCTOR_SETUP_CHECKS_H_
