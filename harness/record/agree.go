package record

// Agrees reports whether the sample says what a correct client reports of what
// the server did: the class, the status of the answer if it names one, and the
// bytes of a success if it counts them. A timeout may be over before anything
// is sent; everything else takes a request.
func (s Sample) Agrees() bool {
	return s.Class == s.PlannedClass && s.Asked() && s.StatusServed() && s.BytesServed()
}

// Asked reports whether a request explains what the sample says.
func (s Sample) Asked() bool {
	return s.Did != ActionNoRequest && s.Did != ActionGaveUp || s.Class == Timeout
}

// StatusServed reports whether the server sent the status that the client
// names, if it names one. A client may report the 200 of a stored answer that
// the server has called still good, with 304.
func (s Sample) StatusServed() bool {
	return s.Status == 0 || s.Status == s.Served || s.Status == 200 && s.Served == 304
}

// BytesServed reports whether a client that counts the bytes of a success has
// read those that the server sent. Bytes that may have been compressed may be
// more to the client.
func (s Sample) BytesServed() bool {
	counted := s.Class == OK && s.Bytes != 0 && s.PlannedBytes != 0
	return !counted || s.Bytes == s.PlannedBytes || s.Bytes > s.PlannedBytes && s.Inflates
}
