/** How a cell says null in Bulk API, and so in all that is sent. Source: Bulk API guide, "Valid CSV Record Rows". */
export const serviceNull = '#N/A'
