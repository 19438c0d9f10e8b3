// Writes the pages that are made from the API and checked in; see
// tools/renew_api_pages.
//   api_pages openapi DESCRIPTORS     proto/openapi/openapi.json
//   api_pages errors                  server/errors.zh.md
//   api_pages metrics                 server/metrics.md
//   api_pages log_events              server/log_events.md

#include <fstream>
#include <iostream>
#include <string>

#include "server/error_registry.h"
#include "server/log_events.h"
#include "server/metrics/metric_table.h"
#include "tools/api_pages/openapi_writer.h"

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "errors" && argc == 2) {
    std::cout << gradmatch::ErrorPage();
    return 0;
  }
  if (what == "metrics" && argc == 2) {
    std::cout << gradmatch::MetricsPage();
    return 0;
  }
  if (what == "log_events" && argc == 2) {
    std::cout << gradmatch::LogEventsPage();
    return 0;
  }
  if (what != "openapi" || argc != 3) {
    std::cerr << "usage: api_pages openapi DESCRIPTORS | api_pages errors | "
                 "api_pages metrics | api_pages log_events\n";
    return 64;
  }
  std::ifstream in(argv[2], std::ios::binary);
  google::protobuf::FileDescriptorSet files;
  if (!in || !files.ParseFromIstream(&in)) {
    std::cerr << "api_pages: cannot read " << argv[2] << "\n";
    return 65;
  }
  const auto text = gradmatch::WriteOpenApi(files);
  if (!text.ok()) {
    std::cerr << "api_pages: " << text.status().message() << "\n";
    return 65;
  }
  std::cout << *text;
  return 0;
}
