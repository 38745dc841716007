// node read.mjs FILE: the events of a file as a JSON array; a wrong length or checksum is an error.
import protobuf from "protobufjs";
import { RecordReader } from "tfrecord/lib/record_reader.js";

// Names and numbers of the fields as TensorBoard's event.proto, summary.proto and histogram.proto have them.
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Event {
    double wall_time = 1; int64 step = 2;
    oneof what {
      string file_version = 3; bytes graph_def = 4; Summary summary = 5; LogMessage log_message = 6;
      SessionLog session_log = 7; TaggedRunMetadata tagged_run_metadata = 8; bytes meta_graph_def = 9;
    }
  }
  message LogMessage { int32 level = 1; string message = 2; }
  message TaggedRunMetadata { string tag = 1; bytes run_metadata = 2; }
  message SessionLog {
    enum SessionStatus { STATUS_UNSPECIFIED = 0; START = 1; STOP = 2; CHECKPOINT = 3; }
    SessionStatus status = 1; string checkpoint_path = 2; string msg = 3;
  }
  message Summary { repeated Value value = 1; }
  message Image { int32 height = 1; int32 width = 2; int32 colorspace = 3; bytes encoded_image_string = 4; }
  message HistogramProto {
    double min = 1; double max = 2; double num = 3; double sum = 4; double sum_squares = 5;
    repeated double bucket_limit = 6 [packed = true]; repeated double bucket = 7 [packed = true];
  }
  message Value {
    string node_name = 7; string tag = 1; bytes metadata = 9;
    oneof value {
      float simple_value = 2; bytes obsolete_old_style_histogram = 3; Image image = 4; HistogramProto histo = 5;
      bytes audio = 6; bytes tensor = 8;
    }
  }`, { keepCase: true });
const Event = root.lookupType("Event");

const reader = await RecordReader.create(process.argv[2]);
const events = [];
for (let record; (record = await reader.readRecord()) !== null;)
  events.push(Event.toObject(Event.decode(record), { longs: Number, enums: String, bytes: String }));
await reader.close();
console.log(JSON.stringify(events));
